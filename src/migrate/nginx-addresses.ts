import type { Directive, NginxLocation } from './nginx-blocks.ts'

/** The addresses of each upstream, by its name. */
export type Upstreams = ReadonlyMap<string, readonly string[]>

/** Every `upstream` of a configuration, at any depth. */
export const listUpstreams = (directives: readonly Directive[]): Upstreams => new Map(upstreamsOf(directives))

const upstreamsOf = (
  directives: readonly Directive[],
): readonly (readonly [name: string, addresses: readonly string[]])[] =>
  directives.flatMap(({ name, args: [named], block }) => {
    if (block === undefined) return []
    if (name !== 'upstream' || named === undefined) return upstreamsOf(block)
    return [[named, block.flatMap((each) => (each.name === 'server' ? each.args.slice(0, 1) : []))] as const]
  })

/** The addresses where the server of a location listens, as written; empty where it is in no server. */
export const listensOf = ({ around }: NginxLocation): readonly string[] => {
  const server = around.find(({ kind }) => kind === 'server')
  if (server === undefined) return []
  return server.listens.length === 0 ? ['80'] : server.listens
}

/** Whether only this machine can reach an address. */
export const isLocal = (address: string): boolean => /^(?:unix:|127\.|localhost(?::|$)|\[::1\])/.test(address)

/** Whether a request for `host` reaches the server of a location; undefined where this is not known. */
export const reaches = (host: string, location: NginxLocation, upstreams: Upstreams): boolean | undefined => {
  const addresses = upstreams.get(host) ?? (isAddress(host) ? [host] : [])
  const listens = listensOf(location).map(doorOf)
  if (addresses.length === 0 || listens.length === 0) return undefined
  return addresses.some((address) => listens.includes(doorOf(address)))
}

const isAddress = (host: string): boolean =>
  isLocal(host) || /^(?:[0-9.]+|\[[0-9a-f:.]+\])(?::\d+)?$/i.test(host)

/** The port, or the path of the socket; the address itself does not matter. */
const doorOf = (address: string): string => {
  if (address.startsWith('unix:')) return address
  return /(?:^|:)(\d+)$/.exec(address.replace(/^\[[^\]]*\]/, ''))?.[1] ?? '80'
}
