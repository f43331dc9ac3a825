import type { Token } from '../store.ts'
import type { Files } from './files.ts'
import { wordKey } from './keys.ts'

export function addToken({ control }: Files, token: Token): boolean {
  const { write, tables } = control.writer()
  const key = wordKey(token.name)
  return write(() => {
    if (tables.tokens.get(key) !== undefined) return false
    tables.tokens.putSync(key, JSON.stringify(token))
    tables.tokenNames.putSync(wordKey(token.hash), token.name)
    return true
  })
}

export function listTokens({ control }: Files): readonly Token[] {
  const tokens = [...control.writer().tables.tokens.getRange()].map(({ value }) => parsed(value))
  return tokens.sort((a, b) => (a.name < b.name ? -1 : 1))
}

export function revokeToken({ control }: Files, name: string): boolean {
  const { write, tables } = control.writer()
  const key = wordKey(name)
  return write(() => {
    const text = tables.tokens.get(key)
    if (text === undefined) return false
    tables.tokens.removeSync(key)
    tables.tokenNames.removeSync(wordKey(parsed(text).hash))
    return true
  })
}

function parsed(text: string): Token {
  // What `addToken` wrote.
  return JSON.parse(text) as Token
}
