export interface ImgsizesViteOptions {
  /** The configuration file. Default: searched for from Vite's root upwards. */
  readonly config?: string
  /** Make what is imported and nobody has built. Default true; `false`: `vite build` fails, and names it. */
  readonly build?: boolean
  /** Name every result that is made. Default false: they are counted. */
  readonly verbose?: boolean
}
