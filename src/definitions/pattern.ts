/** What is wrong with a regular expression, and where in its text. */
export interface PatternError {
  readonly index: number
  readonly length: number
  readonly detail: string
}

/** Postgres repeats at most so often; RE2 would allow 1000. */
const maxRepeat = 255

/**
 * Checks a regular expression against the subset that RE2 (DuckDB, BigQuery), Postgres, Snowflake and JavaScript read
 * alike: literals, `.`, `\d`, escaped punctuation, classes of characters and ranges, `( )`, `(?: )`, `|`, `^`, `$`,
 * `* + ?`, `{n,m}`, also lazy (which changes what is found first, never whether something is found).
 */
export function checkPattern(pattern: string): PatternError | undefined {
  if (pattern === '') return { index: 0, length: 1, detail: 'it is empty' }
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index)
    if (character === '\\') {
      const error = checkEscape(pattern, index)
      if (error !== undefined) return error
      index += 1
    } else if (character === '[') {
      const end = checkClass(pattern, index)
      if (typeof end !== 'number') return end
      index = end
    } else if (character === '(' && pattern.charAt(index + 1) === '?') {
      const error = checkGroup(pattern, index)
      if (error !== undefined) return error
    } else if (character === '{') {
      const repeat = /^\{(\d+)(?:,(\d*))?\}/.exec(pattern.slice(index))
      if (repeat === null) return { index, length: 1, detail: 'a { that repeats nothing must be written \\{' }
      if (Number(repeat[1]) > maxRepeat || Number(repeat[2] ?? 0) > maxRepeat) {
        return { index, length: repeat[0].length, detail: `it repeats more than ${maxRepeat} times` }
      }
      index += repeat[0].length - 1
    } else if (character === ']' || character === '}') {
      return { index, length: 1, detail: `a ${character} by itself must be written \\${character}` }
    } else if (/[*+?]\+/.test(pattern.slice(index, index + 2))) {
      return { index, length: 2, detail: 'possessive repetition is not known everywhere' }
    }
  }
  return checkCompiles(pattern)
}

function checkEscape(pattern: string, index: number): PatternError | undefined {
  const escaped = pattern.charAt(index + 1)
  if (escaped === 'd' || escaped === 'D' || /[^A-Za-z0-9\s]/.test(escaped)) return undefined
  const length = 2
  if (escaped === '') return { index, length: 1, detail: 'it ends in a \\' }
  if (/[1-9k]/.test(escaped)) return { index, length, detail: 'back-references are not known everywhere' }
  const instead: Readonly<Record<string, string>> = {
    w: '[A-Za-z0-9_]',
    W: '[^A-Za-z0-9_]',
    s: '[ \t]',
    S: '[^ \t]',
  }
  const write = instead[escaped]
  const advice = write === undefined ? '' : `; write ${write.replace('\t', '…')}`
  return { index, length, detail: `\\${escaped} does not mean the same everywhere${advice}` }
}

/** @returns the index of the closing bracket, or what is wrong */
function checkClass(pattern: string, start: number): number | PatternError {
  let index = start + 1
  if (pattern.charAt(index) === '^') index += 1
  const first = index
  for (; index < pattern.length; index += 1) {
    const character = pattern.charAt(index)
    if (character === ']' && index > first) return index
    if (character === ']') return { index: start, length: 2, detail: 'a class needs a character' }
    if (character === '[') return { index, length: 1, detail: 'a [ inside a class must be written \\[' }
    if (character === '&' && pattern.charAt(index + 1) === '&') {
      return { index, length: 2, detail: '&& inside a class does not mean the same everywhere' }
    }
    if (character === '\\') {
      const error = checkEscape(pattern, index)
      if (error !== undefined) return error
      index += 1
    }
  }
  return { index: start, length: 1, detail: 'the [ is never closed' }
}

function checkGroup(pattern: string, index: number): PatternError | undefined {
  const opening = pattern.slice(index, index + 4)
  if (opening.startsWith('(?:')) return undefined
  if (/^\(\?(=|!|<=|<!)/.test(opening)) {
    return { index, length: 3, detail: 'look-ahead and look-behind are not known everywhere' }
  }
  if (/^\(\?P?<[A-Za-z]/.test(opening)) {
    return { index, length: 3, detail: 'named groups are not known everywhere; write ( )' }
  }
  return { index, length: 3, detail: 'options are not known everywhere' }
}

function checkCompiles(pattern: string): PatternError | undefined {
  try {
    new RegExp(pattern)
    return undefined
  } catch (error) {
    const detail =
      error instanceof Error ? error.message.replace(/^Invalid regular expression: .*\/: /, '') : ''
    return { index: 0, length: pattern.length, detail: detail.toLowerCase() }
  }
}
