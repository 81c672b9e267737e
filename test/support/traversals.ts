/** Spellings that try to leave a site's root, or to reach what it hides: what scanners send, and their products. */
export function traversals(absoluteSecret: string): string[] {
  const found = new Set<string>(handwritten(absoluteSecret));
  const target = "secret.txt";
  for (const up of UPS) {
    for (const slash of SLASHES) {
      for (const depth of [1, 2, 5]) {
        found.add(`/${`${up}${slash}`.repeat(depth)}${target}`);
        found.add(`/public/${`${up}${slash}`.repeat(depth)}${target}`);
      }
    }
  }
  return [...found];
}

const UPS = [
  "..",
  "%2e%2e",
  "%2E.",
  ".%2e",
  "%252e%252e",
  "%25252e%25252e",
  "%c0%ae%c0%ae",
  "%e0%80%ae%e0%80%ae",
  "%uff0e%uff0e",
  "%ef%bc%8e%ef%bc%8e",
  "..%00",
  "..;",
  "..%3b",
  "..%20",
  "...",
  "....",
  "..%0d",
];

const SLASHES = [
  "/",
  "%2f",
  "%2F",
  "//",
  "\\",
  "%5c",
  "%255c",
  "%252f",
  "%c0%af",
  "%ef%bc%8f",
  "/./",
  "%2f/",
];

function handwritten(secret: string): string[] {
  const encoded = secret.replaceAll("/", "%2f");
  return [
    secret,
    `/${secret}`,
    `//${secret}`,
    `/${encoded}`,
    `/public/${encoded}`,
    `/%2f${secret.slice(1)}`,
    `/.${secret}`,
    `/..${secret}`,
    `/~${secret}`,
    `/file:${secret}`,
    `/file://${secret}`,
    `/file:%2f%2f${encoded}`,
    `/public/..${secret}`,
    `/public/link-out`,
    `/public/link-out/`,
    `/public/link-out%00.txt`,
    `/link-absolute`,
    `/link-chain`,
    `/link-dir/secret.txt`,
    `/link-dir/`,
    `/link-dir/./secret.txt`,
    `/link-dir//secret.txt`,
    `/link-parent/secret.txt`,
    `/link-parent/root/../secret.txt`,
    `/public/link-dir-up/../secret.txt`,
    `/.hidden/secret.txt`,
    `/.hidden/`,
    `/.hidden%2fsecret.txt`,
    `/%2ehidden/secret.txt`,
    `/public/.secret.txt`,
    `/public/.well-known/secret.txt`,
    `/.well-known/../.hidden/secret.txt`,
    `/.well-known/../../secret.txt`,
    `/proc/self/root${secret}`,
    `/../../../../../../../../../../../../../../../..${secret}`,
    `/public/../../../../../../../../../../../../../..${secret}`,
    "/..",
    "/../",
    "/../root/../secret.txt",
    "/public/../..",
    "/..%5csecret.txt",
    "/..\\secret.txt",
    "/C:/secret.txt",
    "/C:%5csecret.txt",
    "/%5c%5chost%5cshare%5csecret.txt",
    "/public/%00/../../secret.txt",
    "/secret.txt%00.html",
    "/public%00/../../secret.txt",
    "/secret.txt::$DATA",
    "/public/../secret.txt%20",
    "/public/%2e%2e/%2e%2e/secret.txt",
    "/./../secret.txt",
    "/././.././secret.txt",
    "/public/.../../secret.txt",
    "/?/../../secret.txt",
    "/#/../../secret.txt",
    "/public/;/../../secret.txt",
    "/public;a=b/../../secret.txt",
    "/%",
    "/%2",
    "/%zz/../secret.txt",
    "..",
    "../secret.txt",
    "secret.txt",
    "",
  ];
}
