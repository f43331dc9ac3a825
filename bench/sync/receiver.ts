import { createServer } from 'node:http'

// Takes whatever comes and answers `{}`: prints its address as one line; runs until its stdin ends.
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => response.end('{}'))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`)
})
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
