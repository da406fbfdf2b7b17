/** What a message names. Nothing else of it is believed: the originals' present state decides. */
export type EventName =
  /** An object of a bucket, with each of the keys that it may have. */
  | {
      readonly kind: 'object'
      readonly bucket: string
      readonly keys: readonly string[]
      /** When it happened, by the sender's clock: milliseconds since 1970. */
      readonly at?: number
    }
  /** A source by its key in the configuration. */
  | { readonly kind: 'source'; readonly key: string; readonly at?: number }

/** What a message says. */
export type ParsedMessage =
  | { readonly kind: 'names'; readonly names: readonly EventName[] }
  /** Nothing happened: a test message, for example when the sender was set up. */
  | { readonly kind: 'test'; readonly what: string }
  /** The sender asks to confirm the address by opening this URL. */
  | { readonly kind: 'confirmation'; readonly url: string }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** One format: what a JSON value of it says; undefined where the value is not of it. */
export type MessageFormat = (value: unknown) => ParsedMessage | undefined
