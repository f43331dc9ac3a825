/** What the runner writes before statements, as labels of their jobs: `personas_run_id: run_1`. */
export function jobLabels(
  sql: string,
  own: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const words = /^\/\* personas ((?:[a-z_]+=\S+ )+)\*\//.exec(sql)?.[1] ?? ''
  const tag = words.split(' ').flatMap((word) => {
    const at = word.indexOf('=')
    return at < 0 ? [] : [[`personas_${word.slice(0, at)}`, labelText(word.slice(at + 1))] as const]
  })
  const given = Object.entries(own).map(([key, value]) => [labelKey(key), labelText(value)] as const)
  return Object.fromEntries([...given, ...tag])
}

/** Lower-case letters, digits, `_` and `-`, 63 of them at most. */
function labelText(text: string): string {
  return [...text.toLowerCase().replaceAll(/[^\p{Ll}\p{Lo}\p{N}_-]/gu, '_')].slice(0, 63).join('')
}

/** A key begins with a letter. */
function labelKey(text: string): string {
  const label = labelText(text)
  return /^[\p{Ll}\p{Lo}]/u.test(label) ? label : labelText(`l${label}`)
}
