import type { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { NamedBy } from '../page/read-page.ts'

/** Why an `<img>` was left as it is. */
export type LeftReason =
  /** It has a `srcset`, or stands in a `<picture>`. */
  | 'responsive'
  /** It says so. */
  | 'off'
  /** Its address is one of another host, or is the picture itself. */
  | 'elsewhere'
  /** It is no source. */
  | 'unknown'
  /** A drawing, which the page shows itself, and in a size that keeps it as one. */
  | 'vector'
  /** A source that was not built as it is now. */
  | 'unbuilt'
  /** A source that `include` does not name, and so was not built. */
  | 'left-out'
  /** Its size is not made of this source. */
  | 'unmatched'
  /** The published file is another picture than the source of that name. */
  | 'different'

/** What the rewriting of pages has to tell. `page` is a path below the site's root. */
export type PageEvent =
  | { readonly kind: 'page-done'; readonly page: string; readonly isChanged: boolean }
  /** It stays as it was; the others go on. */
  | { readonly kind: 'page-failed'; readonly page: string; readonly problem: Problem }
  | {
      readonly kind: 'picture-rewritten'
      readonly page: string
      readonly source: SourceKey
      readonly size: string
      /** No build has made all of its files yet. */
      readonly isIncomplete?: boolean
      /** The CSS rule for which it has no `<picture>` around it, and one format. */
      readonly rule?: string
      /** Of the original, and of the largest file that is loaded in its place; absent where nobody knows. */
      readonly sizeBytes?: { readonly before: number; readonly after: number }
    }
  | {
      readonly kind: 'picture-left'
      readonly page: string
      /** As the page has it. */
      readonly address: string
      readonly reason: LeftReason
      /** Absent where it is none. */
      readonly source?: SourceKey
      /** Why a build could make nothing of it, where it has tried. */
      readonly failure?: string
    }
  /** It stays as it was; the others go on. */
  | {
      readonly kind: 'picture-failed'
      readonly page: string
      readonly address: string
      readonly problem: Problem
    }
  /** The page, or a style sheet, names an original in a way that is left as it is. */
  | {
      readonly kind: 'original-named'
      readonly page: string
      readonly by: NamedBy
      readonly source: SourceKey
    }
