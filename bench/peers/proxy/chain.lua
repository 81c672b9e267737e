-- Signed with the secret of sluice-chain.toml, until 2100.
wrk.headers["Authorization"] = "Bearer eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiAiYWRhIiwgImlzcyI6ICJiZW5jaCIsICJleHAiOiA0MTAyNDQ0ODAwfQ._nJJ6PA_fAAlVcvZA2LbCIo4yIxRxUrZE9ODWAysl8s"
