/** Why a drawing is neither drawn nor served; `message` completes "The drawing is refused: it …". */
export class Danger extends Error {}
