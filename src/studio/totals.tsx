import type { Setup } from '../app/studio/protocol.ts'
import type { InventoryState } from './use-sources.ts'
export const TotalsPage = (_: {
  readonly source?: string
  readonly setup: Setup
  readonly inventory: InventoryState
  readonly filter?: unknown
}) => <p>soon</p>
