import type { NginxDialectInput } from '../../config/dialects.ts'
import type { NginxLocation } from './nginx-locations.ts'
import { readUrlForm } from './nginx-pattern.ts'

/** How the URLs of a location are signed; undefined, and told, where they are so in another way than can be checked. */
export type Signing = Pick<NginxDialectInput, 'secret' | 'arg' | 'unsigned'>

/**
 * Its own `secure_link`, or that of a location in front of it: a cache that checks signatures and passes on to the
 * nginx that resizes, which checks none.
 */
export const readSigning = (
  location: NginxLocation,
  prefix: string,
  { locations, notes }: { readonly locations: readonly NginxLocation[]; readonly notes: string[] },
): Signing | undefined => {
  const isOwn = isGuarded(location)
  const guard = isOwn ? location : findGuard(prefix, locations)
  if (guard === undefined) {
    notes.push(`${location.name}: it has no secure_link. unsigned: true lets anybody ask for any size.`)
    return { unsigned: true }
  }
  if (!isOwn) notes.push(`${location.name}: signed as ${guard.name} says, which is in front of it.`)
  const signing = readSecret(guard)
  if (signing === undefined)
    notes.push(
      `${guard.name}: only secure_link $arg_… with secure_link_md5 "$uri <secret>" can be checked; left out.`,
    )
  return signing
}

export const isGuarded = ({ setting }: NginxLocation): boolean =>
  setting('secure_link') !== undefined || setting('secure_link_secret') !== undefined

/** What only looks at signatures is in front of nothing. */
export const passesOn = ({ own }: NginxLocation): boolean => own.some(({ name }) => name === 'proxy_pass')

const findGuard = (prefix: string, locations: readonly NginxLocation[]): NginxLocation | undefined =>
  locations
    .filter((location) => isGuarded(location) && passesOn(location))
    .flatMap((location) => {
      const guarded = readUrlForm(location.args)?.prefix
      return guarded !== undefined && prefix.startsWith(guarded) ? [{ location, guarded }] : []
    })
    .sort((a, b) => b.guarded.length - a.guarded.length)[0]?.location

const readSecret = ({ setting }: NginxLocation): Signing | undefined => {
  const [, arg] = /^\$arg_([A-Za-z0-9_]+)$/.exec(setting('secure_link')?.join(' ') ?? '') ?? []
  const [, secret] = /^\$uri (.+)$/s.exec(setting('secure_link_md5')?.join(' ') ?? '') ?? []
  return arg === undefined || secret === undefined || secret.includes('$') ? undefined : { secret, arg }
}
