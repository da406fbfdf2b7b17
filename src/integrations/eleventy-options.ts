import type { Origins } from '../page/find-source.ts'

/** The options of the Eleventy plugin. */
export interface ImgsizesEleventyOptions {
  /** The configuration file. Default: searched for from the working folder upwards. */
  readonly config?: string
  /** images.json, or its parts, instead of the configuration and its ledger: needs neither secret nor originals. */
  readonly images?: string | readonly string[]
  /** The URLs of originals; see `createImages`. */
  readonly origins?: Origins
  /** The size of pictures that name none. Default: `content`, or else the first. */
  readonly size?: string
  /** Whether the `<img>` of every page is rewritten. Default true. */
  readonly transform?: boolean
  /**
   * Whether pictures that pages show, but nobody has built, are made. Default true; `false`: Eleventy fails, and names
   * them. With `images` nothing is made.
   */
  readonly build?: boolean
  /**
   * Whether the folder of results is copied into the site, where it lies outside and `baseUrl` is a path. Default
   * true.
   */
  readonly copy?: boolean
  /** Whether every picture that is left as it is is named, with the reason. Default false: they are counted. */
  readonly verbose?: boolean
}

/** The part of Eleventy's configuration that is used here; its package has no types. */
export interface EleventyConfig {
  addWatchTarget(path: string): unknown
  on(event: string, listener: (argument: unknown) => Promise<void>): unknown
  addAsyncShortcode(name: string, render: (source: string, ...rest: unknown[]) => Promise<string>): unknown
  addTransform(name: string, transform: (this: PageOfEleventy, content: string) => Promise<string>): unknown
  readonly directories?: { readonly input: string; readonly output: string }
  readonly pathPrefix?: string | undefined
  readonly passthroughCopies?: Readonly<Record<string, { readonly outputPath: string | boolean }>>
  hasPlugin?(name: string): boolean
}

/** What a transform is called with. */
interface PageOfEleventy {
  readonly page: { readonly inputPath: string; readonly outputPath: string | false }
}
