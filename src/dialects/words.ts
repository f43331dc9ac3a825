/** Of a text with a blank between each two. */
export function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '))
}
