// What a build was made from: in C, because only a C target can be told it by the command that builds.
#ifndef CBUILD_H
#define CBUILD_H

/// The commit, as `git describe` names it; NULL where the build was not told.
const char *cbuild_commit(void);

#endif
