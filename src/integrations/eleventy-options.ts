import type { Origins } from '../page/find-source.ts'

export interface ImgsizesEleventyOptions {
  /** The configuration file. Default: searched for from the working folder upwards. */
  readonly config?: string
  /** images.json in place of the configuration and its ledger, or its parts: needs neither secret nor originals. */
  readonly images?: string | readonly string[]
  /** URLs under which originals are known; see `createImages`. */
  readonly origins?: Origins
  /** Size of pictures that name none. Default `content`, else the first. */
  readonly size?: string
  /** Rewrite the `<img>` of every page. Default true. */
  readonly transform?: boolean
  /**
   * Make what pages show and nobody has built. Default true; `false`: Eleventy fails, and names it. With `images`
   * nothing is made.
   */
  readonly build?: boolean
  /** Copy the folder of results into the site, where it lies outside of it and `baseUrl` is a path. Default true. */
  readonly copy?: boolean
  /** Name every picture that is left as it is, and why. Default false: they are counted. */
  readonly verbose?: boolean
}

/** As much of Eleventy's configuration as is used here; its package has no types. */
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
