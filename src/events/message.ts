/** What a message about originals names. Nothing else of it is believed: the originals' present state decides. */
export type EventName =
  /** An object of a bucket, by each of the names that may be meant. */
  | {
      readonly kind: 'object'
      readonly bucket: string
      readonly keys: readonly string[]
      /** When it happened, by the sender's clock: milliseconds since 1970. */
      readonly at?: number
    }
  /** A source by its own key, as in the configuration's keyspace. */
  | { readonly kind: 'source'; readonly key: string; readonly at?: number }

/** What a message says. */
export type ParsedMessage =
  | { readonly kind: 'names'; readonly names: readonly EventName[] }
  /** It tells of nothing that happened: the sender was set up, say. */
  | { readonly kind: 'test'; readonly what: string }
  /** The sender wants its address confirmed by somebody who opens this URL. */
  | { readonly kind: 'confirmation'; readonly url: string }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** One format: what a JSON value of it says; undefined where the value is not of it. */
export type MessageFormat = (value: unknown) => ParsedMessage | undefined
