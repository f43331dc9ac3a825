/** Tokens of GoogleSQL, as far as statements have to be cut by them; the analyzer has the last word on every text. */
export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'symbol' | 'parameter'
  /** Upper case for words; a name without its backticks and escapes; as written for others. */
  readonly text: string
  readonly start: number
  readonly end: number
}

const blank = /(?:\s|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)+/y
const word = /[A-Za-z_][A-Za-z0-9_]*/y
const number = /(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y
const parameter = /@@?[A-Za-z_][A-Za-z0-9_.]*|\?/y
const symbol = /<<|>>|<=|>=|<>|!=|=>|->|\|\||[\s\S]/y
const quoted =
  /(?:[rR][bB]?|[bB][rR]?)?(?:'''(?:\\[\s\S]|(?!''')[^\\])*'''|"""(?:\\[\s\S]|(?!""")[^\\])*"""|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")/y
const backtick = /`(?:[^`\\\n]|\\[\s\S])*`/y

/** Text that is no GoogleSQL gives some tokens too; it is the analyzer that refuses it. */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(sql)?.[0]
  }
  while (at < sql.length) {
    const space = match(blank)
    if (space !== undefined) {
      at += space.length
      continue
    }
    const start = at
    const add = (kind: Token['kind'], found: string, text: string): void => {
      at += found.length
      tokens.push({ kind, text, start, end: at })
    }
    const string = match(quoted)
    if (string !== undefined) {
      add('string', string, string)
      continue
    }
    const name = match(backtick)
    if (name !== undefined) {
      add('name', name, unescapeName(name.slice(1, -1)))
      continue
    }
    const plain = match(word)
    if (plain !== undefined) {
      add('word', plain, plain.toUpperCase())
      continue
    }
    const digits = match(number)
    if (digits !== undefined) {
      add('number', digits, digits)
      continue
    }
    const given = match(parameter)
    if (given !== undefined) {
      add('parameter', given, given)
      continue
    }
    const sign = match(symbol) ?? ''
    add('symbol', sign, sign)
  }
  return tokens
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

function unescapeName(text: string): string {
  return text.replaceAll(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]))/g,
    (_, hex?: string, short?: string, long?: string, octal?: string, character = '') => {
      const code = hex ?? short ?? long
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16))
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
      return escapes[character] ?? character
    },
  )
}

/** A name as it stands in text: words as written, others without backticks. */
export function nameOf(token: Token, sql: string): string {
  return token.kind === 'word' ? sql.slice(token.start, token.end) : token.text
}

export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text)
}

export function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text
}

/** Backticks around any name. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}\``
}

/** A literal of any text. */
export function quoteText(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  return `'${escaped.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\0', '\\x00')}'`
}
