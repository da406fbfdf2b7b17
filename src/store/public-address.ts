import { lookup as lookUp } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Problem } from '../core/problem.ts'

/**
 * Whether an IP address is one of the public internet: no loopback, private, link-local, shared, documentation,
 * multicast or metadata address, nor an IPv4 one in IPv6 clothes (mapped, 6to4, Teredo, NAT64).
 */
export const isPublicAddress = (address: string): boolean => {
  if (isIP(address) === 0) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast' || METADATA.has(parsed.toString())) return false
  // All that IANA has given out for global IPv6 is 2000::/3; the library calls some of the rest unicast, too.
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6)
}

/** Public by number, yet answered by the cloud's own host: Azure's. The others' are link-local or shared. */
const METADATA = new Set(['168.63.129.16'])

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

/** The refusal to connect to `host`: Problem `source-address-refused`. */
export const refusedAddress = (host: string, address: string): Problem =>
  new Problem('source-address-refused', `${host} is at ${address}, which is no public address`, {
    subject: host,
    hint: 'Where that is meant, say so: source: { uri, allowPrivate: true }.',
  })

/**
 * DNS for a socket, refusing names that lead to any address that is not public. Asked at the moment of connecting,
 * so what was checked is what is connected to. A host that is an address itself is never looked up: check it apart.
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
