import * as z from "zod";
import { basicAuth } from "./auth-basic.ts";
import { bearerAuth } from "./auth-bearer.ts";
import { forwardAuth } from "./auth-forward.ts";
import { jwtAuth } from "./auth-jwt.ts";

/** `auth = { type = …, … }` */
export const auth = z.discriminatedUnion("type", [bearerAuth, basicAuth, jwtAuth, forwardAuth]);
