import { SMTPServer } from 'smtp-server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { change, opened, typeOf } from './opened.ts'

const signal = new AbortController().signal
let letters: string[]
let server: SMTPServer
let port: number
let refuses: boolean
beforeEach(async () => {
  letters = []
  refuses = false
  server = new SMTPServer({
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _, callback) =>
      username === 'shop' && password === 'secret'
        ? callback(null, { user: 'shop' })
        : callback(new Error('Invalid username or password')),
    onRcptTo: (_, __, callback) =>
      callback(refuses ? Object.assign(new Error('no such mailbox'), { responseCode: 550 }) : null),
    onData(stream, _, callback) {
      let text = ''
      stream.on('data', (part) => {
        text += part
      })
      stream.on('end', () => {
        letters.push(text)
        callback()
      })
    },
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()))
  const address = server.server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterEach(() => new Promise<void>((done) => server.close(() => done())))

const settings = (password = 'secret') => ({
  url: `smtp://shop:${password}@127.0.0.1:${port}`,
  from: 'personas@shop.example',
  to: ['crm@shop.example', 'boss@shop.example'],
  require_tls: false,
})

test('one letter at the end, with who came where that is asked', async () => {
  const own = await opened('email', { ...settings(), examples: true })
  await own.write([change('add', 'a', { email: 'ann@a.example' }), change('update', 'b', {})], signal)
  expect(letters).toEqual([])
  await own.finish?.(signal)
  expect(letters).toHaveLength(1)
  expect(letters[0]).toContain('Subject: people: 1 came, 1 changed')
  expect(letters[0]).toContain('To: crm@shop.example, boss@shop.example')
  expect(letters[0]).toContain('- email: ann@a.example')
})

test('wrong credentials and unknown mailboxes are told apart from a server that is away', async () => {
  const type = await typeOf('email')
  await type.check(type.settings.parse(settings()), signal)
  await expect(type.check(type.settings.parse(settings('guess')), signal)).rejects.toMatchObject({
    kind: 'fatal',
  })
  refuses = true
  const own = await opened('email', settings())
  await own.write([change('add', 'a', {})], signal)
  await expect(own.finish?.(signal)).rejects.toMatchObject({ kind: 'rejected' })
  const away = type.settings.parse({ ...settings(), url: 'smtp://127.0.0.1:1' })
  await expect(type.check(away, signal)).rejects.toMatchObject({ kind: 'retryable' })
})
