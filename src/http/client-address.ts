/**
 * The address of the client: the peer of the connection, or, with `proxies` in front, the one that the outermost proxy
 * saw. Each proxy appends the address it saw to `X-Forwarded-For`; what stands further left may be forged. A field
 * without an address at that place is ignored.
 */
export const clientAddress = (peer: string, forwardedFor: string | undefined, proxies: number): string => {
  if (proxies === 0 || forwardedFor === undefined) return peer
  const chain = [...forwardedFor.split(',').map((part) => part.trim()), peer]
  return chain.at(Math.max(0, chain.length - 1 - proxies)) || peer
}
