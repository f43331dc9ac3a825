/** What `use` does first may fail: then nothing stays open. */
export async function firstUse<T extends { close(): Promise<void> }>(
  opened: T,
  use: (opened: T) => unknown,
): Promise<T> {
  try {
    await use(opened)
    return opened
  } catch (error) {
    await opened.close()
    throw error
  }
}
