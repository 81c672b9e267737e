import type { RouteFacts } from "./route.ts";
import { Services } from "./services.ts";

/** The facts of an exchange that no route answers. */
export const noRoute: RouteFacts = {
  methods: undefined,
  host: undefined,
  path: "",
  name: undefined,
  summary: undefined,
  middleware: [],
  place: undefined,
  spec: {},
  use: [],
  params: [],
  owner: {
    state: undefined,
    maxBody: 1024 * 1024,
    cookieKeys: undefined,
    services: new Services(),
    onError: [],
  },
  maxBody: 1024 * 1024,
  encode: undefined,
  capture: undefined,
};
