import { connect } from 'node:net'

export interface RawResponse {
  readonly status: number
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** Sends bytes as they are over a new connection, and reads until it closes: nothing is normalised on the way. */
export const sendRaw = (port: number, text: string | Uint8Array): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.setTimeout(60_000, () => socket.destroy(new Error('no answer in a minute')))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve(Buffer.concat(chunks)) : reject(error),
    )
    socket.on('end', () => resolve(Buffer.concat(chunks)))
    socket.on('close', () => resolve(Buffer.concat(chunks)))
  })

/** One request by its target as it is to stand in the request line. */
export const requestRaw = async (
  port: number,
  target: string,
  options: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<RawResponse> => {
  const { method = 'GET', headers = {} } = options
  const fields = Object.entries({ host: 'localhost', connection: 'close', ...headers })
  const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return parseRaw(await sendRaw(port, Buffer.from(`${method} ${target} HTTP/1.1\r\n${head}\r\n`, 'latin1')))
}

export const parseRaw = (bytes: Buffer): RawResponse => {
  const end = bytes.indexOf('\r\n\r\n')
  const [line = '', ...fields] = bytes.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n')
  const headers = new Map(
    fields.map((field) => {
      const colon = field.indexOf(':')
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const
    }),
  )
  return { status: Number(line.split(' ')[1]), headers, body: bytes.subarray(end + 4) }
}
