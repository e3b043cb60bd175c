//! What the contract refuses, under the platform's codes.

use crate::{Code, Error};
use perennial_contract::{Misfit, Refused, What};

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::new(Code::ManifestInvalid, refused.to_string())
    }
}

impl From<Misfit> for Error {
    fn from(misfit: Misfit) -> Self {
        let code = match misfit.what {
            What::Config => Code::ConfigInvalid,
            What::Record => Code::RecordInvalid,
            What::RecordType => Code::RecordTypeUnknown,
            What::Schema => Code::ManifestInvalid,
        };
        let error = Self::new(code, misfit.message);
        match misfit.field {
            None => error,
            Some(field) => error.at(field),
        }
    }
}
