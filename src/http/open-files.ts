/** Files that the program itself opens: its code, the log, sockets to stores, originals, results. */
const RESERVED = 128
/** For each concurrent render: a thread or process, and its pipes. */
const FOR_EACH_RENDER = 8
/** For each connection: its socket, and a stored file or a socket to the store. */
const FOR_EACH_CONNECTION = 2
/** With fewer, the server would be of no use; then the limit may be exceeded. */
const MIN_CONNECTIONS = 16

/**
 * How many connections a process may have that may open `openFiles` files. With more, a render or a store could not
 * open what it needs. Without a limit of files, there is none of connections.
 */
export const maxConnections = (openFiles: number, renders: number): number =>
  Math.max(
    MIN_CONNECTIONS,
    Math.floor((openFiles - RESERVED - FOR_EACH_RENDER * renders) / FOR_EACH_CONNECTION),
  )

/** How many files this process may open, including sockets and pipes: `ulimit -n`, which Node raises by itself. */
export const readOpenFilesLimit = (): number => {
  const { userLimits } = process.report.getReport() as { readonly userLimits?: UserLimits }
  const limit = userLimits?.open_files?.soft // may be "unlimited"
  return typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY
}

/** In Node's diagnostic report, where the system has limits: Windows has none. */
interface UserLimits {
  readonly open_files?: { readonly soft?: number | string }
}
