/** For the program itself: files of its code, the log, stores' sockets, originals that are read, results that are written. */
const RESERVED = 128
/** For each render at once: a thread or process and its pipes. */
const FOR_EACH_RENDER = 8
/** A connection, and what is read for it: a stored file, or a store's socket. */
const FOR_EACH_CONNECTION = 2
/** Where even that is too much, too little is left to be of use to anybody. */
const MIN_CONNECTIONS = 16

/**
 * How many connections a process may hold that may open `openFiles` files: beyond it, what a render or a store needs
 * could not be opened. As many as there are where nothing limits them.
 */
export const maxConnections = (openFiles: number, renders: number): number =>
  Math.max(
    MIN_CONNECTIONS,
    Math.floor((openFiles - RESERVED - FOR_EACH_RENDER * renders) / FOR_EACH_CONNECTION),
  )

/** How many files this process may have open, sockets and pipes among them: `ulimit -n`, which Node raises by itself. */
export const readOpenFilesLimit = (): number => {
  const { userLimits } = process.report.getReport() as { readonly userLimits?: UserLimits }
  const limit = userLimits?.open_files?.soft // "unlimited" is one, too
  return typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY
}

/** Of Node's diagnostic report, where the system has limits: Windows has none. */
interface UserLimits {
  readonly open_files?: { readonly soft?: number | string }
}
