/**
 * Who asks: the peer of the connection, or with `proxies` in front, each of which adds to `X-Forwarded-For` whom
 * it heard from, the one that the outermost of them heard from. What stands further left anybody may have written.
 * A field that names nobody there is as good as none.
 */
export const clientAddress = (peer: string, forwardedFor: string | undefined, proxies: number): string => {
  if (proxies === 0 || forwardedFor === undefined) return peer
  const chain = [...forwardedFor.split(',').map((part) => part.trim()), peer]
  return chain.at(Math.max(0, chain.length - 1 - proxies)) || peer
}
