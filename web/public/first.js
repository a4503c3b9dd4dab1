// What cannot wait for the application, before the first paint.

// A dark page never flashes light.
;(function () {
  var chosen = 'auto'
  try {
    chosen = localStorage.getItem('mantine-color-scheme-value') || 'auto'
  } catch {
    // Storage is closed to us: the system's scheme it is.
  }
  var dark =
    chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()

// Who is signed in, and to which wallets: each page of an organization asks that first.
if (location.pathname.startsWith('/org')) {
  for (var path of ['/v1/session', '/v1/wallets?limit=200']) {
    var link = document.createElement('link')
    link.rel = 'preload'
    link.as = 'fetch'
    link.crossOrigin = ''
    link.href = path
    document.head.append(link)
  }
}
