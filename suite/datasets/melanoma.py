"""Dermoscopy images of benign and malignant skin lesions, in the layout used by ISIC and Kaggle."""

from suite.datasets.dataset import Card, datasets
from suite.datasets.imagefolder import FolderDataset


@datasets.register
class Melanoma(FolderDataset):
    """Two unbalanced classes. Images of one lesion are kept in one split if ``metadata.csv`` has lesion ids."""

    folders = ("melanoma", "melanoma_cancer_dataset")
    card = Card(
        name="melanoma",
        title="Melanoma (ISIC dermoscopy)",
        version="as found; see the content id",
        licence="CC BY-NC 4.0 (ISIC archive, HAM10000)",
        citation="P. Tschandl, C. Rosendahl and H. Kittler, The HAM10000 dataset, Scientific Data 2018; "
        "N. Codella et al., ISIC 2019",
        url="https://www.isic-archive.com",
        how_to_get="put melanoma.zip or melanoma/ (train/ and test/, each with benign/ and malignant/; metadata.csv "
        "with lesion_id if known) under a --data-root",
        classes=("benign", "malignant"),
        prompts=("a dermoscopy image of a {} skin lesion", "a dermatoscopic close-up photo of a {} mole"),
        natural=False,
    )
