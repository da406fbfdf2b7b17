/** Runs once before all tests; what it returns runs once after them. */
export default async function setup(): Promise<() => Promise<void>> {
  return async () => {}
}
