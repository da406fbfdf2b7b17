import type { NginxDialectInput } from '../config/nginx-dialect.ts'
import type { NginxLocation } from './nginx-blocks.ts'
import { isClosed } from './nginx-rules.ts'

/**
 * How the URLs of a location are signed; undefined, with a note, where they are signed in a way that cannot be
 * checked.
 */
export type Signing = Pick<NginxDialectInput, 'secret' | 'arg' | 'unsigned'>

/**
 * Its own `secure_link`, or that of the location in front: a cache may check signatures and pass requests on to the
 * nginx that resizes, which does not check them.
 */
export const readSigning = (
  location: NginxLocation,
  front: NginxLocation | undefined,
  notes: string[],
): Signing | undefined => {
  const asked = front ?? location
  const guard = [location, asked].find(isGuarded)
  if (guard === undefined) {
    notes.push(
      isClosed(asked)
        ? `ATTENTION: ${asked.name}: it has no secure_link, but not everybody could reach it. unsigned: true lets anybody ask for all that its URLs can name. Give it a secret, or remove it.`
        : `${asked.name}: it has no secure_link. unsigned: true lets anybody ask for all that its URLs can name.`,
    )
    return { unsigned: true }
  }
  if (guard !== location)
    notes.push(`${location.name}: signed as ${guard.name} says, which is in front of it.`)
  const signing = readSecret(guard)
  if (signing === undefined)
    notes.push(
      `${guard.name}: only secure_link $arg_… with secure_link_md5 "$uri <secret>", before any rewrite, can be checked; left out.`,
    )
  return signing
}

/** Whether a location checks signatures by `secure_link`. */
export const isGuarded = ({ setting }: NginxLocation): boolean =>
  setting('secure_link') !== undefined || setting('secure_link_secret') !== undefined

const readSecret = ({ own, setting }: NginxLocation): Signing | undefined => {
  const [, arg] = /^\$arg_([A-Za-z0-9_]+)$/.exec(setting('secure_link')?.join(' ') ?? '') ?? []
  const [, secret] = /^\$uri (.+)$/s.exec(setting('secure_link_md5')?.join(' ') ?? '') ?? []
  const isReadable = arg !== undefined && secret !== undefined && !secret.includes('$')
  // After a rewrite, $uri is different, or the check is never reached.
  const [rewriteAt, checkAt] = ['rewrite', 'if'].map((each) => own.findIndex(({ name }) => name === each))
  const isLate = rewriteAt !== undefined && rewriteAt !== -1 && checkAt !== undefined && checkAt > rewriteAt
  return isReadable && !isLate ? { secret, arg } : undefined
}
