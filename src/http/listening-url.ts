/** The URL of a listening server: `http://0.0.0.0:3000/img/`. */
export const formatListening = (host: string, port: number, path: string): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`

/** The same for people. "Every address" cannot be opened in a browser, so one that can is named. */
export const formatLink = (host: string, port: number, path: string): string =>
  host === '0.0.0.0' || host === '::'
    ? `${formatListening('localhost', port, path)} (every address of this machine, ${host})`
    : formatListening(host, port, path)
