/** Ends a switch over a closed union: the compiler refuses the call while a member is unhandled. */
export const unreachable = (value: never): never => {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
