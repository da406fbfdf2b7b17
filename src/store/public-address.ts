import { lookup as lookUp } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Problem } from '../core/problem.ts'

/**
 * Whether an IP address belongs to the public internet: no loopback, private, link-local, shared, documentation,
 * multicast or metadata address, also not as an IPv4 address inside IPv6 (mapped, 6to4, Teredo, NAT64).
 */
export const isPublicAddress = (address: string): boolean => {
  if (isIP(address) === 0) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast' || METADATA.has(parsed.toString())) return false
  // IANA assigns global IPv6 addresses only from 2000::/3; the library calls some others unicast, too.
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6)
}

/**
 * Azure's metadata address: public by number, but answered by the cloud itself. Other clouds use link-local or shared
 * ones.
 */
const METADATA = new Set(['168.63.129.16'])

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

/** The refusal to connect to `host`: Problem `source-address-refused`. */
export const refusedAddress = (host: string, address: string): Problem =>
  new Problem('source-address-refused', `${host} is at ${address}, which is not a public address`, {
    subject: host,
    hint: 'If this is intended, say so: source: { uri, allowPrivate: true }.',
  })

/**
 * DNS for a socket that refuses names which lead to any address that is not public. It is asked when the socket
 * connects, so the checked address is the one connected to. A host that is an IP address is never looked up: check it
 * separately.
 */
export const lookUpPublic: LookupFunction = (host, options, callback) => {
  lookUp(host, { ...options, all: true }, (error, addresses) => {
    const refused = addresses?.find(({ address }) => !isPublicAddress(address))
    const [first] = addresses ?? []
    if (error) callback(error, '')
    else if (refused) callback(refusedAddress(host, refused.address), '')
    else if (options.all) callback(null, addresses)
    else callback(null, first?.address ?? '', first?.family)
  })
}
