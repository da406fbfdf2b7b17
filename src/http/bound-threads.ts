/** Threads of libuv's pool that files, DNS and zlib are left with while every render is in flight. */
const LEFT_OVER = 2
const DEFAULT_POOL_SIZE = 4

/**
 * At most so many renders as the pool in force has room for: each holds one of its threads, and reads of stored
 * files must not wait for an encoder. `poolSize` is `UV_THREADPOOL_SIZE` as it was when the process started.
 */
export const boundThreads = (threads: number, poolSize: string | undefined): number =>
  Math.max(1, Math.min(threads, (Number(poolSize) || DEFAULT_POOL_SIZE) - LEFT_OVER))
