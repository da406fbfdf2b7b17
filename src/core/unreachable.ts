/** Ends a switch over a closed union: the compiler reports an error while a member is not handled. */
export const unreachable = (value: never): never => {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
