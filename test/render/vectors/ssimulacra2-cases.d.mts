export interface Case {
  readonly picture: string
  readonly distortion: string
  readonly width: number
  readonly height: number
  readonly original: Uint8Array
  readonly distorted: Uint8Array
}
export function cases(): Generator<Case>
