import { MESSAGE_TARGETS } from './messages.ts'
import { PICTURE_TARGETS } from './pictures.ts'
import { RECORD_TARGETS } from './records.ts'
import { RENDER_TARGETS } from './renders.ts'
import { REQUEST_TARGETS } from './requests.ts'
import { SETTING_TARGETS } from './settings.ts'
import type { Target } from './target.ts'
import { TEXT_TARGETS } from './texts.ts'
import { URL_TARGETS } from './urls.ts'

/** Every reader of bytes that somebody else has written. */
export const GROUPS: readonly (readonly [name: string, targets: readonly Target[]])[] = [
  ['pictures', PICTURE_TARGETS],
  ['pictures as a renderer gets them', RENDER_TARGETS],
  ['URLs and fields of requests', URL_TARGETS],
  ['requests as they come over a socket', REQUEST_TARGETS],
  ['what was written by us, perhaps', RECORD_TARGETS],
  ['messages', MESSAGE_TARGETS],
  ['configurations', SETTING_TARGETS],
  ['texts', TEXT_TARGETS],
]
