import { expect, test } from 'vitest'
import { programName } from '../../../src/cli/program-name.ts'

test.each([
  ['/usr/local/bin/personas', '/home/me/shop', 'personas'],
  ['/home/me/shop/node_modules/.bin/personas', '/home/me/shop', 'npx personas'],
  ['/home/me/clone/dist/cli/main.js', '/home/me/clone', 'node dist/cli/main.js'],
  ['/home/me/clone/dist/cli/main.js', '/home/me/shop', 'node /home/me/clone/dist/cli/main.js'],
  ['/home/me/my clone/dist/cli/main.js', '/tmp', 'node "/home/me/my clone/dist/cli/main.js"'],
])('%s called in %s is %s', (script, folder, name) => {
  expect(programName(script, folder)).toBe(name)
})
