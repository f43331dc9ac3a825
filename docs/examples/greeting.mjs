// A page that greets a visitor by what the Profile API says of them: node docs/examples/greeting.mjs
import { createServer } from 'node:http'

const {
  PERSONAS_TOKEN = '',
  PROFILE_API = 'http://127.0.0.1:8780/v1/spaces/fernhill',
  PORT = '8781',
} = process.env
const authorization = `Basic ${Buffer.from(`${PERSONAS_TOKEN}:`).toString('base64')}`

/** The first that applies; whoever is in none, or not known, is welcome all the same. */
const greetings = [
  ['dormant_big_spenders', (name) => `We have missed you, ${name}: delivery is free today.`],
  ['cart_abandoners', (name) => `Your basket is still as you left it, ${name}.`],
  ['newsletter_readers', (name) => `Good to see you, ${name}.`],
]

/** Traits by name; none of an unknown visitor, or where the answer takes longer than a page may wait. */
async function traitsOf(identifier) {
  const names = ['first_name', ...greetings.map(([audience]) => audience)].join(',')
  const url = `${PROFILE_API}/collections/users/profiles/${encodeURIComponent(identifier)}/traits?include=${names}`
  try {
    const answer = await fetch(url, { headers: { authorization }, signal: AbortSignal.timeout(200) })
    return answer.ok ? (await answer.json()).traits : {}
  } catch {
    return {}
  }
}

function greetingOf(traits) {
  const found = greetings.find(([audience]) => traits[audience] === true)
  return found === undefined ? 'Welcome to Fernhill.' : found[1](traits.first_name ?? 'friend')
}

const escaped = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

async function pageFor(request) {
  const cookies = new URLSearchParams((request.headers.cookie ?? '').replaceAll('; ', '&'))
  const user = cookies.get('user_id')
  const device = cookies.get('ajs_anonymous_id')
  const identifier = user ? `user_id:${user}` : device ? `anonymous_id:${device}` : undefined
  const traits = identifier === undefined ? {} : await traitsOf(identifier)
  return `<!doctype html><title>Fernhill</title><h1>${escaped(greetingOf(traits))}</h1>\n`
}

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.setHeader('cache-control', 'private, no-store')
  void pageFor(request).then((page) => response.end(page))
})

server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
