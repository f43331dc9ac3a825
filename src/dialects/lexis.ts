import type { Lexis } from './calls-in.ts'

/*
 * A doubled quote needs no words: `'it''s'` is two texts side by side, and holds no call either way.
 */

/** `'…'`, `e'…'` with backslashes, `"…"`, `$tag$…$tag$`. See "Lexical Structure" in PostgreSQL's manual; DuckDB has its parser. */
export const postgresLexis: Lexis = {
  opaque:
    /'[^']*'?|[eE]'[^'\\]*(?:\\[\s\S][^'\\]*)*'?|"[^"]*"?|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)|--[^\n]*/y,
  nestedComments: true,
}

/** A backslash escapes in all quotes, of which there may be three. See "Lexical structure and syntax" in BigQuery's reference. */
export const bigqueryLexis: Lexis = {
  opaque:
    /'''(?:[^'\\]|\\[\s\S]|'(?!''))*(?:''')?|"""(?:[^"\\]|\\[\s\S]|"(?!""))*(?:""")?|'[^'\\]*(?:\\[\s\S][^'\\]*)*'?|"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|`[^`\\]*(?:\\[\s\S][^`\\]*)*`?|(?:--|#)[^\n]*/y,
  nestedComments: false,
}

/** See "Identifier requirements" and "String & binary data types" in Snowflake's reference. */
export const snowflakeLexis: Lexis = {
  opaque: /'[^'\\]*(?:\\[\s\S][^'\\]*)*'?|"[^"]*"?|\$\$[\s\S]*?(?:\$\$|$)|(?:--|\/\/)[^\n]*/y,
  nestedComments: false,
}
