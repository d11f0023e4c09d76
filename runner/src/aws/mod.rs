//! What is asked of AWS beside S3: the login of a target.
//!
//! | file | |
//! |---|---|
//! | `credentials` | who asks: found as S3's client finds it |
//! | `region` | where: the first of what the user says, what an ARN or a host's name says, and the environment |
//! | `sign` | Signature Version 4, of headers and of a URL; pure |
//! | `http` | one request, its tries and their bounds |
//! | `secrets_manager` | the text of a secret |
//! | `rds_token` | what stands for a password in IAM authentication of RDS |

pub(crate) mod credentials;
mod http;
pub(crate) mod rds_token;
pub(crate) mod region;
pub(crate) mod secrets_manager;
mod sign;
