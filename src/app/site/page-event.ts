import type { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { NamedBy } from '../../page/read-page.ts'

/** Why an `<img>` was left as it is. */
export type LeftReason =
  /** It has a `srcset`, or stands in a `<picture>`. */
  | 'responsive'
  /** An attribute of it says so. */
  | 'off'
  /** A script changes its `src`. */
  | 'scripted'
  /** Its address belongs to another host, or contains the picture itself. */
  | 'elsewhere'
  /** No source has this name. */
  | 'unknown'
  /** Another program made it of the source, smaller and perhaps cropped. */
  | 'copy'
  /** It is a drawing that the page shows itself, in a size that keeps it a drawing. */
  | 'vector'
  /** The source was not built as it is now. */
  | 'unbuilt'
  /** `include` does not name the source, so it was not built. */
  | 'left-out'
  /** The size is not made from this source. */
  | 'unmatched'
  /** The page's Content-Security-Policy, or the tag's `crossorigin`, may forbid the host that has the results. */
  | 'forbidden'
  /** CSS of the page finds it by its address. */
  | 'styled'
  /** The published file is another picture than the source of that name. */
  | 'different'

/** What the rewriting of pages can tell. `page` is a path below the site's root. */
export type PageEvent =
  | { readonly kind: 'page-done'; readonly page: string; readonly isChanged: boolean }
  /** The page stays as it was; the others go on. */
  | { readonly kind: 'page-failed'; readonly page: string; readonly problem: Problem }
  | {
      readonly kind: 'picture-rewritten'
      readonly page: string
      readonly source: SourceKey
      readonly size: string
      /** No build has made all of its files yet. */
      readonly isIncomplete?: boolean
      /** Nothing says how wide it is shown, so that a file as wide as the window is loaded. */
      readonly isUnsized?: boolean
      /** What would not work with a `<picture>` around it, a CSS rule or a script: it has none, and only one format. */
      readonly rule?: string | undefined
      /** The framework that renders the picture again in the browser, for which it has none either. */
      readonly hydratedBy?: string | undefined
      /** Bytes of the original, and of the largest file loaded instead; undefined where unknown. */
      readonly sizeBytes?: { readonly before: number; readonly after: number }
    }
  | {
      readonly kind: 'picture-left'
      readonly page: string
      /** As it is written in the page. */
      readonly address: string
      readonly reason: LeftReason
      /** Undefined where the address means no source. */
      readonly source?: SourceKey
      /** Why a build that tried could make nothing of it, or the rule by which CSS or a script finds it. */
      readonly failure?: string | undefined
    }
  /** The style sheet stays as it was; the others go on. */
  | {
      readonly kind: 'picture-failed'
      readonly page: string
      readonly address: string
      readonly problem: Problem
    }
  /** The page, or a style sheet, names an original in a way that is not rewritten. */
  | {
      readonly kind: 'original-named'
      readonly page: string
      readonly by: NamedBy
      readonly source: SourceKey
    }
