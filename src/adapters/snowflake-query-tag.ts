/** The server refuses longer ones. */
const longestTag = 2000

/**
 * The run and the node of a statement as JSON for the query history, where tags can be searched and summed up. They
 * stand in the comment that the runner writes before what it sends.
 */
export function queryTag(sql: string): string | undefined {
  const words = /^\/\* personas ((?:[a-z_]+=\S+ )+)\*\//.exec(sql)?.[1]
  if (words === undefined) return undefined
  const parts = words
    .trim()
    .split(' ')
    .map((word): [string, string] => {
      const at = word.indexOf('=')
      return [word.slice(0, at), word.slice(at + 1)]
    })
  const tag = { app: 'personas', ...Object.fromEntries(parts) }
  const text = JSON.stringify(tag)
  if (text.length <= longestTag) return text
  // A name can be as long as it likes; what is left of each is enough to find it by.
  const room = Math.floor((longestTag - 100) / (parts.length + 1)) - 30
  return JSON.stringify({
    app: 'personas',
    ...Object.fromEntries(parts.map(([key, value]) => [key, value.slice(0, room)])),
  })
}
