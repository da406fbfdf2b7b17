/** The options of the Vite plugin. */
export interface ImgsizesViteOptions {
  /** The configuration file. Default: searched for from Vite's root upwards. */
  readonly config?: string
  /**
   * Whether imported pictures that nobody has built are made. Default true; `false`: `vite build` fails, and names
   * them.
   */
  readonly build?: boolean
  /** Whether every result that is made is named. Default false: they are counted. */
  readonly verbose?: boolean
}
