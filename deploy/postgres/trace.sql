-- The Trace API's database, beside the one that the operations on SQL work in.
CREATE DATABASE trace OWNER steadyline;
