import type { Command } from './command.ts'

/** A command as the list of commands shows it. */
export interface ListedCommand {
  /** Name and positional arguments as yargs spells them: `url <picture>`. */
  readonly usage: string
  /** One line for the list of commands. */
  readonly summary: string
  /** Loads the rest: a start pays for one command, not for all. */
  readonly load: () => Promise<Command>
}

/** All of them, in the order in which they are shown. */
export const COMMANDS: readonly ListedCommand[] = [
  {
    usage: 'init',
    summary: 'Write a configuration that fits this folder',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  {
    usage: 'plan',
    summary: 'Say what build would do',
    load: async () => (await import('./commands/plan.ts')).planCommand,
  },
  {
    usage: 'build',
    summary: 'Make every result that is missing or out of date',
    load: async () => (await import('./commands/build.ts')).buildCommand,
  },
  {
    usage: 'prune',
    summary: 'Delete results whose original or size is gone',
    load: async () => (await import('./commands/prune.ts')).pruneCommand,
  },
  {
    usage: 'purge <sources..>',
    summary: 'Delete every result of some sources now',
    load: async () => (await import('./commands/purge.ts')).purgeCommand,
  },
  {
    usage: 'verify',
    summary: 'Read back stored results and report bad ones',
    load: async () => (await import('./commands/verify.ts')).verifyCommand,
  },
  {
    usage: 'warm <logs..>',
    summary: 'Render what visitors asked for, from an access log',
    load: async () => (await import('./commands/warm.ts')).warmCommand,
  },
  {
    usage: 'serve',
    summary: 'Answer signed URLs, and render what is missing',
    load: async () => (await import('./commands/serve.ts')).serveCommand,
  },
  {
    usage: 'watch',
    summary: 'Make results as originals come, change and go',
    load: async () => (await import('./commands/watch.ts')).watchCommand,
  },
  {
    usage: 'studio',
    summary: 'See every picture in the browser, and set crops, quality and texts',
    load: async () => (await import('./commands/studio.ts')).studioCommand,
  },
  {
    usage: 'origin <server>',
    summary: 'Print a configuration for nginx, Caddy or a CDN',
    load: async () => (await import('./commands/origin.ts')).originCommand,
  },
  {
    usage: 'doctor',
    summary: 'Find what goes wrong in practice, and what to do',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  // Not <source>, as in the contracts: yargs would take it for the flag of that name.
  {
    usage: 'url <picture>',
    summary: 'Print signed URLs, or the <picture> element',
    load: async () => (await import('./commands/url.ts')).urlCommand,
  },
  {
    usage: 'html <dir>',
    summary: 'Rewrite the <img> of built pages',
    load: async () => (await import('./commands/html.ts')).htmlCommand,
  },
  {
    usage: 'migrate [file]',
    summary: 'Print a configuration for nginx or imgproxy URLs',
    load: async () => (await import('./commands/migrate.ts')).migrateCommand,
  },
  {
    usage: 'completion <shell>',
    summary: 'Print the completion script of a shell',
    load: async () => (await import('./commands/completion.ts')).completionCommand,
  },
]

/** The command's name, without the arguments that follow. */
export const nameOf = ({ usage }: Pick<ListedCommand, 'usage'>): string => usage.replace(/ .*/, '')
