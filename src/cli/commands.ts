import type { Command } from './command.ts'

interface ListedCommand {
  /** Name and positional arguments as yargs spells them: `url <picture>`. */
  readonly usage: string
  /** One line for the list of commands. */
  readonly summary: string
  /** Loads the rest: a start pays for one command, not for all. */
  readonly load: () => Promise<Command>
}

const list = (
  usage: string,
  summary: string,
  load: () => Promise<{ readonly command: Command }>,
): ListedCommand => ({ usage, summary, load: async () => (await load()).command })

/** All of them, in the order in which they are shown. */
export const COMMANDS: readonly ListedCommand[] = [
  list('init', 'Write a configuration that fits this folder', () => import('./commands/init.ts')),
  list('plan', 'Say what build would do', () => import('./commands/plan.ts')),
  list('build', 'Make every result that is missing or out of date', () => import('./commands/build.ts')),
  list('prune', 'Delete results whose original or size is gone', () => import('./commands/prune.ts')),
  list('purge <sources..>', 'Delete every result of some sources now', () => import('./commands/purge.ts')),
  list('verify', 'Read back stored results and report bad ones', () => import('./commands/verify.ts')),
  list(
    'warm <logs..>',
    'Render what visitors asked for, from an access log',
    () => import('./commands/warm.ts'),
  ),
  list('serve', 'Answer signed URLs, and render what is missing', () => import('./commands/serve.ts')),
  list('watch', 'Make results as originals come, change and go', () => import('./commands/watch.ts')),
  list(
    'studio',
    'See every picture in the browser, and set crops, quality and texts',
    () => import('./commands/studio.ts'),
  ),
  list(
    'origin <server>',
    'Print a configuration for nginx, Caddy or a CDN',
    () => import('./commands/origin.ts'),
  ),
  list('doctor', 'Find what goes wrong in practice, and what to do', () => import('./commands/doctor.ts')),
  // Not <source>, as in the contracts: yargs would take it for the flag of that name.
  list('url <picture>', 'Print signed URLs, or the <picture> element', () => import('./commands/url.ts')),
  list('html <dir>', 'Rewrite the <img> of built pages', () => import('./commands/html.ts')),
  list(
    'migrate [file]',
    'Print a configuration for nginx or imgproxy URLs',
    () => import('./commands/migrate.ts'),
  ),
  list(
    'completion <shell>',
    'Print the completion script of a shell',
    () => import('./commands/completion.ts'),
  ),
]

/** The command's name, without the arguments that follow. */
export const commandNameOf = ({ usage }: Pick<ListedCommand, 'usage'>): string => usage.replace(/ .*/, '')
